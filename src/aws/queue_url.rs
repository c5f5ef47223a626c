//! URLs of queues: the account, the Region and the name that stand in them.

use super::{host, is_loopback};
use crate::base::{AccountId, Partition, Region};

/// Why a queue cannot be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueueError {
    /// It is not the URL of a queue.
    #[error("`{url}` is not the URL of an SQS queue: {why}")]
    NoQueue {
        /// The URL as it was given.
        url: String,
        /// Why, as a fragment.
        why: &'static str,
    },
    /// It leads to this machine, and what is asked is not a range.
    #[error("`{url}` is on this machine, and no range is asked here")]
    NoRange {
        /// The URL as it was given.
        url: String,
    },
}

/// The URL of a queue, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct QueueUrl {
    pub(super) url: String,
    /// Nothing for a queue on this machine, whose URL does not tell it.
    pub(super) region: Option<Region>,
    pub(super) account: AccountId,
    pub(super) name: String,
}

impl QueueUrl {
    /// Reads a URL such as `https://sqs.eu-west-1.amazonaws.com/111122223333/events`.
    pub(super) fn read(url: &str) -> Result<Self, QueueError> {
        let no_queue = |why| QueueError::NoQueue { url: url.to_owned(), why };
        if url.contains(['?', '#', '@']) || url.contains(char::is_whitespace) {
            return Err(no_queue("it has more than a host and a path"));
        }
        let host = host(url).unwrap_or_default();
        let is_here = is_loopback(url);
        if !(url.starts_with("https://") || is_here && url.starts_with("http://")) {
            return Err(no_queue("it does not begin with `https://`"));
        }
        let region = if is_here {
            None
        } else {
            Some(region_in(host).ok_or_else(|| no_queue("its host is not that of SQS in a Region"))?)
        };
        let path = url.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map_or("", |(_, path)| path);
        let (account, name) =
            path.split_once('/').ok_or_else(|| no_queue("it does not end in an account and a name"))?;
        let account = AccountId::new(account).map_err(|_| no_queue("its path does not begin with an account"))?;
        if !is_name(name) {
            return Err(no_queue("it does not end in the name of a queue"));
        }
        Ok(Self { url: url.to_owned(), region, account, name: name.to_owned() })
    }

    /// The ARN of the queue in a Region.
    pub(super) fn arn(&self, region: &Region) -> String {
        let partition = match region.as_str() {
            china if china.starts_with("cn-") => Partition::China,
            gov if gov.starts_with("us-gov-") => Partition::GovCloud,
            _ => Partition::Aws,
        };
        format!("arn:{}:sqs:{region}:{}:{}", partition.as_str(), self.account, self.name)
    }
}

/// The Region in the name of a host of SQS: today's, that of both families of addresses, and the two of old.
fn region_in(host: &str) -> Option<Region> {
    if host == "queue.amazonaws.com" {
        return Region::new("us-east-1").ok();
    }
    let of_aws = host.strip_suffix(".amazonaws.com").or_else(|| host.strip_suffix(".amazonaws.com.cn"));
    let in_old = of_aws.and_then(|host| host.strip_suffix(".queue"));
    let in_new = of_aws.or_else(|| host.strip_suffix(".api.aws")).and_then(|host| host.strip_prefix("sqs."));
    Region::new(in_new.or(in_old)?).ok()
}

fn is_name(name: &str) -> bool {
    let stem = name.strip_suffix(".fifo").unwrap_or(name);
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    !stem.is_empty() && name.len() <= 80 && stem.bytes().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(url: &str) -> Option<String> {
        let url = QueueUrl::read(url).expect("the URL of a queue");
        assert_eq!((url.account.as_str(), url.name.as_str()), ("111122223333", "events"));
        url.region.map(|region| region.to_string())
    }

    #[test]
    fn the_region_stands_in_the_host() {
        for (host, wanted) in [
            ("sqs.eu-west-1.amazonaws.com", "eu-west-1"),
            ("queue.amazonaws.com", "us-east-1"),
            ("eu-central-1.queue.amazonaws.com", "eu-central-1"),
            ("sqs.us-west-2.api.aws", "us-west-2"),
            ("sqs.cn-north-1.amazonaws.com.cn", "cn-north-1"),
        ] {
            assert_eq!(region(&format!("https://{host}/111122223333/events")).as_deref(), Some(wanted));
        }
        assert_eq!(region("http://127.0.0.1:4566/111122223333/events"), None);
    }

    #[test]
    fn what_is_no_queue_of_aws_is_refused_and_named() {
        for url in [
            "",
            "events",
            "http://sqs.eu-west-1.amazonaws.com/111122223333/events",
            "https://sqs.eu-west-1.amazonaws.com.example.org/111122223333/events",
            "https://example.org/sqs.eu-west-1.amazonaws.com/111122223333/events",
            "https://sqs.eu-west-1.amazonaws.com@example.org/111122223333/events",
            "https://sqs.amazonaws.com/111122223333/events",
            "https://sns.eu-west-1.amazonaws.com/111122223333/events",
            "https://sqs.eu-west-1.amazonaws.com/events",
            "https://sqs.eu-west-1.amazonaws.com/1111/events",
            "https://sqs.eu-west-1.amazonaws.com/111122223333/",
            "https://sqs.eu-west-1.amazonaws.com/111122223333/a/b",
            "https://sqs.eu-west-1.amazonaws.com/111122223333/events?Action=DeleteQueue",
        ] {
            let error = QueueUrl::read(url).expect_err(url).to_string();
            assert!(error.contains(&format!("`{url}`")), "{error}");
        }
    }

    #[test]
    fn the_arn_is_of_the_partition() {
        let arn = |host: &str| {
            let url = QueueUrl::read(&format!("https://{host}/111122223333/events")).expect("a queue");
            url.arn(&url.region.clone().expect("a Region"))
        };
        assert_eq!(arn("sqs.eu-west-1.amazonaws.com"), "arn:aws:sqs:eu-west-1:111122223333:events");
        assert_eq!(arn("sqs.cn-north-1.amazonaws.com.cn"), "arn:aws-cn:sqs:cn-north-1:111122223333:events");
        assert_eq!(arn("sqs.us-gov-west-1.amazonaws.com"), "arn:aws-us-gov:sqs:us-gov-west-1:111122223333:events");
    }
}
