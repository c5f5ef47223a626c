//! One call while it is being answered.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::range::model::{Account, Caller, Landing, Replica};
use crate::range::wire::{ApiCall, ApiError, ServiceName};

use super::{State, refuse};

/// What a handler says: the output, or the refusal.
pub(crate) type Handled = Result<Value, ApiError>;

/// One call while it is being answered: the request, who makes it, and the world it is made in.
pub(crate) struct Turn<'a> {
    pub(crate) state: &'a mut State,
    pub(crate) call: &'a ApiCall,
    pub(crate) caller: &'a Caller,
    pub(crate) now: Timestamp,
    /// The copy that answers this call's reads.
    pub(crate) replica: Replica,
}

impl<'a> Turn<'a> {
    /// The account.
    pub(crate) fn account(&self) -> &Account {
        &self.state.account
    }

    /// A member of the input that is text; empty when it was not sent.
    pub(crate) fn text(&self, member: &str) -> &'a str {
        self.maybe(member).unwrap_or_default()
    }

    /// A member of the input that is text.
    pub(crate) fn maybe(&self, member: &str) -> Option<&'a str> {
        self.call.input.get(member)?.as_str()
    }

    /// A member of the input that is a whole number.
    pub(crate) fn number(&self, member: &str) -> Option<u64> {
        self.call.input.get(member)?.as_u64()
    }

    /// A member of the input that is true or false; false when it was not sent.
    pub(crate) fn flag(&self, member: &str) -> bool {
        self.call.input.get(member).and_then(Value::as_bool).unwrap_or(false)
    }

    /// A member of the input that is a list of texts.
    pub(crate) fn texts(&self, member: &str) -> Vec<String> {
        let list = self.call.input.get(member).and_then(Value::as_array);
        list.into_iter().flatten().filter_map(|item| item.as_str().map(String::from)).collect()
    }

    /// A map of texts, or a list of keys and values, which IAM begins with capitals.
    pub(crate) fn tags(&self, member: &str) -> BTreeMap<String, String> {
        let pair = |tag: &Value| {
            let text = |name: &str, in_iam: &str| Some(tag.get(name).or_else(|| tag.get(in_iam))?.as_str()?.to_owned());
            Some((text("key", "Key")?, text("value", "Value")?))
        };
        match self.call.input.get(member) {
            Some(Value::Array(list)) => list.iter().filter_map(pair).collect(),
            Some(Value::Object(map)) => {
                map.iter().filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
            }
            _ => BTreeMap::new(),
        }
    }

    /// Gives what the call makes the tags that it was sent with.
    pub(crate) fn keep_tags(&mut self, arn: &str) {
        let tags = self.tags("tags");
        self.state.account.tag(arn, tags);
    }

    /// The members of the input out of a list of names, as they were sent.
    pub(crate) fn members(&self, names: &[&str]) -> Map<String, Value> {
        names.iter().filter_map(|name| Some(((*name).to_owned(), self.call.input.get(*name)?.clone()))).collect()
    }

    /// When a change of IAM made now reaches its readers.
    pub(crate) fn landing(&mut self, what: &str) -> Landing {
        self.state.landing(self.call.operation, what, self.now)
    }

    /// One page of a list, with the paging members that the service uses.
    pub(crate) fn page(&self, member: &str, items: Vec<Value>) -> Handled {
        let (size_in, token_in, token_out, iam) = match self.call.service {
            ServiceName::Iam | ServiceName::Sts => ("MaxItems", "Marker", "Marker", true),
            ServiceName::Account | ServiceName::Cloudtrail | ServiceName::Guardduty => {
                ("MaxResults", "NextToken", "NextToken", false)
            }
            _ => ("maxResults", "nextToken", "nextToken", false),
        };
        // FACT page-size
        let most = self.state.knobs.page_size.max(1);
        let size = self.number(size_in).and_then(|n| usize::try_from(n).ok()).map_or(most, |n| n.clamp(1, most));
        let start = match self.maybe(token_in) {
            None => 0,
            // FACT page-place
            Some(token) => token
                .strip_prefix("page-")
                .and_then(|from| usize::from_str_radix(from, 16).ok())
                .filter(|from| *from <= items.len())
                .ok_or_else(|| {
                    refuse(if iam { "ValidationError" } else { "ValidationException" }, "the token is invalid")
                })?,
        };
        let end = (start + size).min(items.len());
        let mut reply = json!({ member: &items[start..end] });
        if iam {
            reply["IsTruncated"] = json!(end < items.len());
        }
        if end < items.len() {
            reply[token_out] = json!(format!("page-{end:08x}"));
        }
        Ok(reply)
    }
}
