//! Where a deny can stand on a role or user, and where there is room for it: inline, as an attached managed policy, as the
//! permissions boundary.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::in_use::{last_use_of_keys, logs_written_with};
use super::principal::{keeps_logs, log_keepers};
use super::principal_policies::{attached_policies, default_document, inline_names, inline_policy};
use super::seat_forms::{Forms, MadeOf, Managed};
use super::seat_moves::{attach, delete_inline, detach, put_inline, set_boundary};
use super::signs_with::SignsWith;
use super::{Look, LookError, Move, Principal, Refusal, Who};
use crate::aws::{CreatePolicy, GetRole, GetUser, WrittenPolicy};
use crate::base::{Arn, Digest, Region};
use crate::iam::PolicyDocument;

/// The characters that all inline policies of a role hold together, white space aside.
const ROLE_INLINE: usize = 10_240;
/// The same of a user.
const USER_INLINE: usize = 2_048;
/// How many managed policies may be attached where nobody has raised the quota.
pub(super) const ATTACHED: usize = 10;

/// A place where a deny can stand, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Seat {
    /// An inline policy.
    Inline,
    /// An attached managed policy.
    Managed,
    /// The permissions boundary.
    Boundary,
}

/// What stands at each place where a deny can stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marks {
    /// What the incident's inline policy says.
    pub inline: Option<Digest>,
    /// Whether the managed policy of the deny is attached.
    pub managed: bool,
    /// The permissions boundary.
    pub boundary: Option<Arn>,
    /// Whether the policy of AWS is attached that goes with the deny.
    pub companion: bool,
}

/// A principal that exists, as far as its denies go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seated {
    /// The immutable id.
    pub id: String,
    /// Its path, which tells what AWS protects.
    pub path: String,
    /// The services that write the account's logs with it, where nobody else may take it on.
    pub keeps_logs: Option<String>,
    /// What stands there.
    pub marks: Marks,
    /// Where the deny stands.
    pub stands: Option<Seat>,
    /// Where it would go, if it stands nowhere and there is room.
    pub next: Option<Seat>,
    /// Whether the managed policy of that place has to be made.
    pub to_make: bool,
    /// Whether there is room for the companion.
    pub room_for_companion: bool,
}

/// What else a look at a principal tells.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Use {
    /// AWS services that may assume the role.
    pub services: Vec<String>,
    /// When AWS last saw the role used, or the user's password.
    pub last_used: Option<Timestamp>,
    /// When an active key of the user was last used, and in words with what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_used: Option<(Timestamp, String)>,
    /// Everybody else who may assume the role.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<String>,
    /// What the user signs in or signs with, where a plan names it.
    #[serde(default)]
    pub signs_with: SignsWith,
    /// The Regions whose log of model invocations is written with the role.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub logs: Vec<Region>,
}

impl Seat {
    /// What a person should know of a place that is not the first choice.
    pub(super) fn note(self) -> Option<String> {
        match self {
            Self::Inline => None,
            Self::Managed => Some(
                "its inline policies leave no room: the deny goes into a managed policy, which stays when the step is \
                 undone, attached to nobody"
                    .to_owned(),
            ),
            Self::Boundary => Some(
                "neither its inline nor its attached policies leave room: the deny becomes its permissions boundary"
                    .to_owned(),
            ),
        }
    }
}

impl Seated {
    /// Why nobody should cut the principal off, although AWS would let them.
    pub(super) fn is_needed(&self) -> Option<Refusal> {
        self.keeps_logs.as_deref().filter(|_| self.stands.is_none()).map(keeps_logs)
    }

    /// The refusal where no place has room.
    pub(super) fn quota(&self) -> Refusal {
        Refusal::Quota {
            which: match self.marks.boundary {
                Some(_) => "inline policies, attached policies, and another permissions boundary is there".to_owned(),
                None => "inline policies, attached policies and the policies that quell may make".to_owned(),
            },
        }
    }
}

/// A principal that was found: what is decided on, what stood under the inline policy's name, and how it is used.
pub(super) struct FoundSeat {
    pub(super) seated: Seated,
    pub(super) inline: Option<PolicyDocument>,
    pub(super) used: Use,
}

/// What is read of a principal before its policies.
struct Known {
    id: String,
    path: String,
    boundary: Option<Arn>,
    keeps_logs: Option<String>,
    used: Use,
}

async fn known(look: &Look<'_>, who: &Who) -> Result<Option<Known>, LookError> {
    Ok(match who.clone() {
        Who::Role(role) => {
            let Some(role) = look.find(GetRole { role }).await? else { return Ok(None) };
            let admitted = role.trust.admitted();
            let (services, others) = (admitted.services, admitted.others);
            let logs = logs_written_with(look, &role.arn, &services).await;
            Some(Known {
                used: Use { services, others, last_used: role.last_used, logs, ..Use::default() },
                keeps_logs: log_keepers(&role.trust),
                id: role.id,
                path: role.path,
                boundary: role.boundary,
            })
        }
        Who::User(name) => {
            let Some(user) = look.find(GetUser { user: name.clone() }).await? else { return Ok(None) };
            let key_used = last_use_of_keys(look, &name).await;
            Some(Known {
                used: Use { last_used: user.password_last_used, key_used, ..Use::default() },
                keeps_logs: None,
                id: user.id,
                path: user.path,
                boundary: user.boundary,
            })
        }
    })
}

/// The characters of the other inline policies.
async fn inline_size(look: &Look<'_>, who: &Who, but: &str) -> Result<usize, LookError> {
    let mut size = 0;
    for name in inline_names(look, who).await?.into_iter().filter(|name| name != but) {
        size += inline_policy(look, who, name).await?.map_or(0, |document| document.size());
    }
    Ok(size)
}

/// Whether another inline policy of `size` characters has room beside the others, but for the one called `but`.
pub(super) async fn has_inline_room(look: &Look<'_>, who: &Who, but: &str, size: usize) -> Result<bool, LookError> {
    let most = if matches!(who, Who::Role(_)) { ROLE_INLINE } else { USER_INLINE };
    Ok(inline_size(look, who, but).await? + size <= most)
}

/// Whether a managed policy is there and says what it should; nothing if it is not there.
async fn is_sound(look: &Look<'_>, policy: &Managed) -> Result<Option<bool>, LookError> {
    let Some(MadeOf { document, .. }) = &policy.made_of else {
        return Ok(Some(true));
    };
    Ok(default_document(look, &policy.arn).await?.map(|says| says == *document))
}

/// Looks where a deny stands and where there is room for it.
pub(super) async fn look_for_seat(
    look: &Look<'_>,
    principal: &Principal,
    forms: impl FnOnce(&str) -> Forms,
) -> Result<Option<FoundSeat>, LookError> {
    let who = &principal.who;
    let Some(Known { id, path, boundary, keeps_logs, used }) = known(look, who).await? else {
        return Ok(None);
    };
    let forms = forms(&id);
    let inline = inline_policy(look, who, forms.name.clone()).await?;
    let attached = attached_policies(look, who).await?;
    let managed = attached.contains(&forms.managed.arn);
    // A policy that somebody has exists: where IAM does not show it yet, its name still tells what it says.
    let mut stands = (inline.as_ref() == Some(&forms.document)).then_some(Seat::Inline);
    let bounds = boundary.as_ref() == Some(&forms.boundary.arn);
    for (is_there, seat, policy) in
        [(managed, Seat::Managed, &forms.managed), (bounds, Seat::Boundary, &forms.boundary)]
    {
        if stands.is_none() && is_there && is_sound(look, policy).await? != Some(false) {
            stands = Some(seat);
        }
    }
    let (next, to_make) = match stands {
        Some(_) => (None, false),
        None => room(look, who, &forms, attached.len(), boundary.is_some()).await?,
    };
    let companion = forms.companion.as_ref().is_none_or(|policy| attached.contains(policy));
    let seated = Seated {
        room_for_companion: attached.len() + usize::from(next == Some(Seat::Managed)) < ATTACHED,
        marks: Marks { inline: inline.as_ref().map(Digest::of), managed, boundary, companion },
        id,
        path,
        keeps_logs,
        stands,
        next,
        to_make,
    };
    Ok(Some(FoundSeat { seated, inline, used }))
}

/// The best place with room, and whether a policy has to be made for it.
async fn room(
    look: &Look<'_>,
    who: &Who,
    forms: &Forms,
    attached: usize,
    bounded: bool,
) -> Result<(Option<Seat>, bool), LookError> {
    if has_inline_room(look, who, &forms.name, forms.document.size()).await? {
        return Ok((Some(Seat::Inline), false));
    }
    let may_bound = !bounded || forms.over_boundary;
    for (is_free, seat, policy) in
        [(attached < ATTACHED, Seat::Managed, &forms.managed), (may_bound, Seat::Boundary, &forms.boundary)]
    {
        // A policy of that name that says something else was altered by somebody, and stands in nobody's way.
        if is_free && let sound @ (None | Some(true)) = is_sound(look, policy).await? {
            return Ok((Some(seat), sound.is_none()));
        }
    }
    Ok((None, false))
}

/// The moves by which the deny comes to stand where there is room; nothing where there is none.
pub(super) fn take(principal: &Principal, forms: &Forms, seated: &Seated) -> Option<Vec<Move>> {
    let mut moves = Vec::new();
    if seated.stands.is_none() {
        let mut make = |policy: &Managed| {
            if let Some(MadeOf { path, name, document }) = policy.made_of.clone().filter(|_| seated.to_make) {
                let document = document.into();
                moves.push(Move::from(CreatePolicy { made_for: principal.entity(), path, name, document }));
            }
        };
        let last = match seated.next? {
            Seat::Inline => put_inline(principal, &forms.name, WrittenPolicy::Document(forms.document.clone())),
            Seat::Managed => {
                make(&forms.managed);
                attach(principal, &forms.managed.arn)
            }
            Seat::Boundary => {
                make(&forms.boundary);
                set_boundary(principal, Some(&forms.boundary.arn))
            }
        };
        moves.push(last);
    }
    if let Some(companion) = forms.companion.as_ref().filter(|_| !seated.marks.companion && seated.room_for_companion) {
        moves.push(attach(principal, companion));
    }
    Some(moves)
}

/// The moves by which the place that the deny took is as it was before. The error says which place is neither as it was nor
/// as it was left.
pub(super) fn leave(
    principal: &Principal,
    forms: &Forms,
    inline_before: Option<&PolicyDocument>,
    before: &Marks,
    left: &Seated,
    found: &Seated,
) -> Result<Vec<Move>, &'static str> {
    /// Whether a place is to be put back.
    fn changed<T: PartialEq>(what: &'static str, before: &T, left: &T, now: &T) -> Result<bool, &'static str> {
        if left == before || now == before {
            Ok(false)
        } else if now == left {
            Ok(true)
        } else {
            Err(what)
        }
    }
    let (was, now) = (&left.marks, &found.marks);
    let back = match left.stands {
        Some(Seat::Inline) => {
            changed("the incident's policy", &before.inline, &was.inline, &now.inline)?.then(|| match inline_before {
                Some(document) => put_inline(principal, &forms.name, WrittenPolicy::Document(document.clone())),
                None => delete_inline(principal, &forms.name),
            })
        }
        Some(Seat::Managed) => changed("the attached policy", &before.managed, &was.managed, &now.managed)?
            .then(|| detach(principal, &forms.managed.arn)),
        Some(Seat::Boundary) => changed("the permissions boundary", &before.boundary, &was.boundary, &now.boundary)?
            .then(|| set_boundary(principal, before.boundary.as_ref())),
        None => None,
    };
    // A managed policy that says something else by now is no longer what the run left, although its name still stands there.
    if back.is_some() && left.stands != Some(Seat::Inline) && found.stands.is_none() {
        return Err("what the policy says");
    }
    let mut moves = Vec::from_iter(back);
    if let Some(companion) = &forms.companion
        && changed("the policy of AWS", &before.companion, &left.marks.companion, &now.companion)?
    {
        moves.push(detach(principal, companion));
    }
    Ok(moves)
}
