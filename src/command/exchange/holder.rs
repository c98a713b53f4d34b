//! Finding the key that an exchanged pair or assertion belongs to.

use super::super::Context;
use crate::{
    cli::Exchange,
    contract::Rules,
    error::{Code, Error, Result},
    issuance::{assertion_not_valid, not_valid},
    key::{Audience, Key, Scope, Verbatim},
    keyring::Keyring,
    proof::{self, AssertionUse, Demand, ExpectedAssertion, KeyUse, PresentedAssertion, PresentedSecret, VerdictCode},
};

/// The hint for an input that cannot be exchanged.
const HINT: &str =
    "pass a pair (`API_KEY API_SECRET`, JSON, or a .env file that `generate` wrote), or a signed assertion";

/// The key that a pair or an assertion belongs to.
pub(super) struct Holder {
    pub(super) key: Key,
    /// The use of the assertion, which has to be recorded, or `None` for a pair.
    pub(super) spent: Option<AssertionUse>,
    /// The scopes that the presented request asks for. Empty if it asks for none in particular.
    pub(super) scopes: Vec<Scope>,
}

/// Returns the holder of the presented pair or assertion.
///
/// # Errors
/// - `invalid_secret` if the input is neither a pair nor an assertion
/// - `usage` if the input is an assertion, but neither the options nor the contract name its audience
/// - `invalid_client` if the pair or the assertion is not valid; the details of the error contain the verdict code
/// - `keyring_corrupt` or another `keyring_*` code if the keyring cannot be read
pub(super) fn holder(
    keyring: &dyn Keyring,
    bytes: &[u8],
    args: &Exchange,
    rules: &Rules,
    context: &Context,
) -> Result<Holder> {
    let demand = Demand { scopes: Vec::new(), env: None, ip: args.ip, at: context.now() };
    let missing = |code: VerdictCode| (code, code.meaning().to_owned(), None);
    let mut refusal = missing(VerdictCode::NotFound);
    let mut tell = |verdict: &proof::Verdict<'_>| {
        refusal = (verdict.code, verdict.message.clone().into_owned(), verdict.claimed);
    };
    let key = |used: KeyUse| keyring.key(used.key, context.now());
    if let Some(presented) = PresentedAssertion::read(bytes) {
        let presented = presented.map_err(|mistake| Error::new(Code::InvalidSecret, mistake, HINT))?;
        let scopes = presented.scopes().map_err(|mistake| Error::new(Code::InvalidSecret, mistake, HINT))?;
        let audience = audience(args, rules)?;
        let expected = ExpectedAssertion { audience, now: context.clock().timestamp };
        let accepted = proof::verify_assertion(keyring, &presented, expected, &demand, &mut tell)?;
        let spent = accepted.map(|accepted| accepted.spent);
        let key = accepted.map(|accepted| key(accepted.used)).transpose()?.flatten();
        let (code, message, claimed) = refusal;
        return key
            .map(|key| Holder { key, spent, scopes })
            .ok_or_else(|| assertion_not_valid(code, &message, claimed));
    }
    let claim = PresentedSecret::read(bytes).map_err(|mistake| Error::new(Code::InvalidSecret, mistake, HINT))?;
    if !matches!(claim, PresentedSecret::Pair { .. }) {
        let message = "only a pair or an assertion can be exchanged for a bearer token";
        return Err(Error::new(Code::InvalidSecret, message, HINT));
    }
    let used = proof::verify(keyring, &Ok(claim), &demand, &mut tell)?;
    let key = used.map(key).transpose()?.flatten();
    let (code, message, _) = refusal;
    key.map(|key| Holder { key, spent: None, scopes: Vec::new() }).ok_or_else(|| not_valid(code, &message))
}

/// Returns the audience for which an assertion must be signed: the value of the option or, without one, of the rule.
fn audience<'a>(args: &'a Exchange, rules: &'a Rules) -> Result<&'a Audience> {
    let of_rule = rules.bearer_audience.as_ref().map(Verbatim::value);
    args.audience.as_ref().or(of_rule).ok_or_else(|| {
        let message = "the input is an assertion, but the contract has no `bearer_audience`, and --audience is not given";
        let hint = "run `keywright policy set bearer_audience https://api.example.com/token` with the URL that clients use \
                    as the audience, or pass --audience URL";
        Error::new(Code::Usage, message, hint)
    })
}
