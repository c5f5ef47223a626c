//! What queries filter by alike.

use jiff::Timestamp;

/// Name and time of what is looked for; what is left out fits everything.
pub(super) struct Named<'i> {
    pub(super) created_after: Option<Timestamp>,
    pub(super) created_before: Option<Timestamp>,
    pub(super) name: Option<&'i str>,
    pub(super) name_prefix: Option<&'i str>,
}

/// The [`Named`] of an input that has its four members.
macro_rules! named {
    ($input:expr) => {
        $crate::actions::named::Named {
            created_after: $input.created_after,
            created_before: $input.created_before,
            name: $input.name.as_deref(),
            name_prefix: $input.name_prefix.as_deref(),
        }
    };
}
pub(super) use named;

impl Named<'_> {
    /// Whether something of that name, made then, is looked for.
    pub(super) fn fits(&self, name: &str, created: Timestamp) -> bool {
        self.fits_name(name) && self.fits_time(created)
    }

    /// Whether something of that name may be looked for: lists often tell the name alone.
    pub(super) fn fits_name(&self, name: &str) -> bool {
        self.name.is_none_or(|wanted| wanted == name) && self.name_prefix.is_none_or(|prefix| name.starts_with(prefix))
    }

    /// Whether something made then may be looked for.
    pub(super) fn fits_time(&self, created: Timestamp) -> bool {
        self.created_after.is_none_or(|after| created >= after)
            && self.created_before.is_none_or(|before| created < before)
    }
}
