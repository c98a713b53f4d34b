use super::*;

const NOW: Time = Time(1_700_000_000);

fn at(text: &str) -> String {
    text.parse::<When>().unwrap().resolve(NOW).unwrap().map_or("never".into(), |t| t.to_string())
}

#[test]
fn common_times_are_parsed() {
    assert_eq!(NOW.to_string(), "2023-11-14T22:13:20Z");
    for (text, expected) in [
        ("90d", "2024-02-12T22:13:20Z"),
        ("12h", "2023-11-15T10:13:20Z"),
        ("1y", "2024-11-14T22:13:20Z"),
        ("P90D", "2024-02-12T22:13:20Z"),
        ("2027-01-31", "2027-01-31T23:59:59Z"),
        ("2027-01-31T18:00:00+02:00", "2027-01-31T16:00:00Z"),
        ("never", "never"),
        ("9999-12-30", "9999-12-30T23:59:59Z"),
        ("9999-12-31", "9999-12-31T23:59:59Z"),
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
        ("9999-12-31T23:59:59.999z", "9999-12-31T23:59:59Z"),
        ("9999-12-31T23:59:59+00:00", "9999-12-31T23:59:59Z"),
        ("9999-12-31T23:59:59+05:30", "9999-12-31T18:29:59Z"),
        ("9999-12-31T12:00:00-02:00", "9999-12-31T14:00:00Z"),
    ] {
        assert_eq!(at(text), expected, "{text}");
    }
}

#[test]
fn the_error_shows_a_valid_example() {
    for text in [
        "0",
        "0d",
        "-1d",
        "soon",
        "",
        "2027-13-01",
        "2027-01-31T18:00:00",
        "90",
        "9999999y",
        "\u{1b}[1m",
        "9999-12-31T23:59:59-00:01",
        "9999-12-31T23:59:59",
        "9999-12-31T24:00:00Z",
        "2027-06-30T12:00:00+24:00",
        "2027-06-30T12:00Z",
        "2027-06-30T12:00:00.Z",
        "9999-12-31T23:59:59+24:00",
        "10000-01-01",
    ] {
        let error = match text.parse::<When>() {
            Ok(when) => when.resolve(NOW).unwrap_err(),
            Err(error) => error,
        };
        assert_eq!(error.code(), Code::InvalidTime, "{text}");
        assert!(error.hint().contains("duration"), "{text}: {}", error.hint());
        assert!(!error.message().contains('\u{1b}'));
    }
    assert!("2020-01-01".parse::<When>().unwrap().resolve(NOW).is_err(), "the past");
}

#[test]
fn a_day_in_the_past_has_a_beginning_and_an_end() {
    let ends = |text: &str| {
        let past = text.parse::<Past>().unwrap();
        (past.first(NOW).unwrap().to_string(), past.last(NOW).unwrap().to_string())
    };
    let same = |text: &str| (text.to_owned(), text.to_owned());
    assert_eq!(ends("12h"), same("2023-11-14T10:13:20Z"));
    assert_eq!(ends("2023-11-01T01:00:00+01:00"), same("2023-11-01T00:00:00Z"));
    assert_eq!(ends("2023-11-01"), ("2023-11-01T00:00:00Z".to_owned(), "2023-11-01T23:59:59Z".to_owned()));
    for text in ["", "0d", "-1h", "never", "soon", "2023-13-01", "1700000000"] {
        assert_eq!(text.parse::<Past>().unwrap_err().code(), Code::InvalidTime, "{text}");
    }
}

#[test]
fn the_fast_formatter_agrees_with_the_library() {
    let last = Timestamp::MAX.as_second();
    for seconds in (-62_167_219_200..=last).step_by(86_400 * 37 + 12_345).chain([0, -1, last]) {
        let library = Timestamp::from_second(seconds).unwrap().to_string();
        assert_eq!(Time::from_seconds(seconds).to_string(), library);
    }
}
