//! Values that an option or a member has as text.

use super::{Outcome, must, round_trip};
use crate::seeds::Seeds;
use keywright::{
    key::{AllowedIps, Network, Past, Pattern, Period, Scope, Scopes, When},
    signing::request::{Method, Path, RequestTarget, Timestamp},
};

pub(super) fn request_parts(input: &[u8], _: &Seeds) -> Outcome {
    let Ok(text) = std::str::from_utf8(input) else { return Ok(false) };
    let method = text.parse::<Method>();
    must!(method.as_ref().map_or(0, |method| method.as_str().len()) <= 32, "a long method");
    let path = text.parse::<Path>();
    must!(path.as_ref().map_or(0, |path| path.as_str().len()) <= 16 * 1024, "a long path");
    let timestamp = text.parse::<Timestamp>();
    must!(timestamp.as_ref().map_or(true, |timestamp| timestamp.to_string() == text), "another timestamp");
    let target = text.parse::<RequestTarget>();
    Ok(method.is_ok() || path.is_ok() || timestamp.is_ok() || target.is_ok())
}

pub(super) fn duration(input: &[u8], seeds: &Seeds) -> Outcome {
    let Some(period) = std::str::from_utf8(input).ok().and_then(|text| text.parse::<Period>().ok()) else {
        return Ok(false);
    };
    must!(period.after(seeds.now).map_or(true, |after| after > seeds.now), "a time that is not later");
    must!(period.before(seeds.now).map_or(true, |before| before < seeds.now), "a time that is not earlier");
    round_trip::<Period>(input, 1000)
}

pub(super) fn past(input: &[u8], seeds: &Seeds) -> Outcome {
    let Some(past) = std::str::from_utf8(input).ok().and_then(|text| text.parse::<Past>().ok()) else {
        return Ok(false);
    };
    if let (Ok(first), Ok(last)) = (past.first(seeds.now), past.last(seeds.now)) {
        must!(first <= last, "a range that ends before it starts");
    }
    Ok(true)
}

pub(super) fn expiry(input: &[u8], seeds: &Seeds) -> Outcome {
    let Some(when) = std::str::from_utf8(input).ok().and_then(|text| text.parse::<When>().ok()) else {
        return Ok(false);
    };
    if let Ok(Some(time)) = when.resolve(seeds.now) {
        must!(time > seeds.now, "an expiry in the past");
        must!(time.to_string().len() == 20, "a year of more than four digits: {time}");
    }
    Ok(true)
}

pub(super) fn networks(input: &[u8], _: &Seeds) -> Outcome {
    let Ok(text) = std::str::from_utf8(input) else { return Ok(false) };
    let Ok(networks) = text.split(' ').map(str::parse::<Network>).collect::<Result<Vec<_>, _>>() else {
        return Ok(false);
    };
    let Ok(set) = AllowedIps::new(&networks) else { return Ok(false) };
    let again = set.networks().map_err(|error| format!("it is refused: {error}"))?;
    must!(AllowedIps::new(&again).is_ok_and(|again| again == set), "another set");
    must!(set.len() <= 100, "{} networks", set.len());
    Ok(true)
}

pub(super) fn scopes(input: &[u8], _: &Seeds) -> Outcome {
    let Ok(text) = std::str::from_utf8(input) else { return Ok(false) };
    let Ok(scopes) = text.split(' ').map(str::parse::<Scope>).collect::<Result<Vec<_>, _>>() else {
        return Ok(false);
    };
    let Ok(set) = Scopes::new(&scopes, true) else { return Ok(false) };
    must!(set.iter().count() <= 100, "{} scopes", set.iter().count());
    let view = set.as_set();
    must!(set.iter().all(|scope| view.grants(scope)), "the scopes do not grant themselves");
    must!(view.intersection(&view) == set, "the scopes have other scopes in common with themselves");
    Ok(true)
}

pub(super) fn pattern(input: &[u8], _: &Seeds) -> Outcome {
    let Ok(text) = std::str::from_utf8(input) else { return Ok(false) };
    let Ok(pattern) = text.parse::<Pattern>() else { return Ok(false) };
    let _ = (pattern.matches(text), pattern.matches(&"a".repeat(1000)), pattern.matches(""));
    round_trip::<Pattern>(input, 1000)
}
