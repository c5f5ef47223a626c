//! Reads: paced, retried, counted, and while a plan is made also remembered.

use std::any::Any;
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use tokio::sync::OnceCell;
use tokio::time::Instant;

use super::pace::Pace;
use super::{Accepted, Ask, Attempt, Call, Clients, Fault, FaultKind, Made, Operation, Paged, Retry};
use crate::base::{AccessKeyId, Clock, Digest, Region};

/// The code of a fault that came after the first page of an answer.
pub(super) const BROKEN_OFF: &str = "PagesBrokenOff";
/// The code of a fault of an answer that does not end.
pub(super) const ENDLESS: &str = "EndlessPages";
/// How many pages of one answer are read at most; an account that has more is not swept, and says so.
const MOST_PAGES: usize = 1_000;
/// How often an answer is begun from its first page where AWS no longer knows the place at which the next page begins.
const MOST_BEGINNINGS: u32 = 4;

/// How long a run keeps an answer for looks that began before it. A look that takes longer asks once more.
const KEPT: Duration = Duration::from_secs(60);

/// A reply, whatever its type.
type Reply = Arc<dyn Any + Send + Sync>;

/// A reply, and when the request that brought it left.
#[derive(Debug, Clone)]
struct Answer {
    left: Instant,
    reply: Reply,
}

/// A read, whatever its type, so that what waits, asks again and remembers is compiled once and not for each operation.
struct Question<'a> {
    operation: &'static Operation,
    region: Option<&'a Region>,
    digest: Digest,
    /// Sends it, once.
    send: &'a (dyn Fn() -> BoxFuture<'a, Result<Accepted<Reply>, Fault>> + Sync),
}

/// An answer, or the request for it that is on its way.
type Awaited = Arc<OnceCell<Answer>>;

/// The answers, and in which order their requests left.
#[derive(Debug, Default)]
struct Answers {
    by_request: HashMap<Digest, Awaited>,
    by_age: VecDeque<(Instant, Digest, Awaited)>,
}

impl Answers {
    /// Lets go of an answer, unless another one is on its way already.
    fn forget(&mut self, key: Digest, answer: &Awaited) {
        if self.by_request.get(&key).is_some_and(|known| Arc::ptr_eq(known, answer)) {
            self.by_request.remove(&key);
        }
    }

    /// Lets go of answers that are too old to be asked for.
    fn forget_old(&mut self, now: Instant) {
        while self.by_age.front().is_some_and(|(left, ..)| now.duration_since(*left) > KEPT) {
            if let Some((_, key, answer)) = self.by_age.pop_front() {
                self.forget(key, &answer);
            }
        }
    }
}

/// The one way to AWS: sends reads with pace and patience, and calls one attempt at a time.
///
/// A plan keeps its answers, since it is one picture. In a run an answer serves every look that began before its request
/// left, and no other: such a look would have been content to ask at that moment itself, so that nobody is ever told
/// anything older than his own question. Fifty deletions that start together and each ask what all agents of the Region
/// work with ask so fifty times in all, not fifty times fifty.
#[derive(Debug)]
pub struct Reader {
    clients: Clients,
    clock: Clock,
    pace: Pace,
    retry: Retry,
    remembering: bool,
    answers: Mutex<Answers>,
    reads: AtomicU64,
    aws_clock: Mutex<Option<(Timestamp, Timestamp)>>,
}

/// How long a read may take that is nice to have but decides nothing. After that the plan shows a `?`.
const NICE_TO_HAVE: Duration = Duration::from_secs(3);

impl Reader {
    /// Reads whose answers serve no later look, for runs.
    pub fn new(clients: Clients, clock: Clock, seed: u64) -> Self {
        Self {
            clients,
            clock,
            pace: Pace::default(),
            retry: Retry::new(seed),
            remembering: false,
            answers: Mutex::default(),
            reads: AtomicU64::new(0),
            aws_clock: Mutex::default(),
        }
    }

    /// Reads that are remembered for as long as this reader lives, for plans: a plan is one picture.
    pub fn remembering(self) -> Self {
        Self { remembering: true, ..self }
    }

    /// Whether reads are remembered: a plan is being made.
    pub fn is_remembering(&self) -> bool {
        self.remembering
    }

    /// Whether this program holds the secret of a key that it has made, so that it can still be stored.
    pub fn holds(&self, key: &AccessKeyId) -> bool {
        self.clients.vault().holds(key)
    }

    /// Waits, by the program's clock.
    pub async fn rest(&self, time: Duration) {
        self.clock.sleep(time).await;
    }

    /// How many reads were sent.
    pub fn reads(&self) -> u64 {
        self.reads.load(Ordering::Relaxed)
    }

    /// AWS's own clock, as its last answer and the time since tell it; nothing before the first answer.
    pub fn aws_now(&self) -> Option<Timestamp> {
        let (theirs, ours) = (*self.aws_clock.lock().unwrap_or_else(PoisonError::into_inner))?;
        Some(theirs + self.clock.now().duration_since(ours))
    }

    /// Reads, as often as it takes and makes sense.
    pub async fn ask<R: Ask>(&self, request: R) -> Result<R::Reply, Fault> {
        self.ask_since(Instant::now(), request).await
    }

    /// Reads what is nice to know, in a short time or not at all. The error says why it stays unknown.
    pub async fn glance<R: Ask>(&self, since: Instant, request: R) -> Result<R::Reply, String> {
        match tokio::time::timeout(NICE_TO_HAVE, self.ask_since(since, request)).await {
            Ok(Ok(reply)) => Ok(reply),
            Ok(Err(fault)) => Err(fault.code),
            Err(_) => Err("not in time".to_owned()),
        }
    }

    /// All pages of what is nice to know, in a short time or not at all.
    pub async fn glance_all<R: Paged>(&self, since: Instant, first: R) -> Result<Vec<R::Item>, String> {
        match tokio::time::timeout(NICE_TO_HAVE, self.ask_all_since(since, first)).await {
            Ok(Ok(items)) => Ok(items),
            Ok(Err(fault)) => Err(fault.code),
            Err(_) => Err("not in time".to_owned()),
        }
    }

    /// Reads for a look that began at `since`: an answer serves whose request left since then.
    pub async fn ask_since<R: Ask>(&self, since: Instant, request: R) -> Result<R::Reply, Fault> {
        let question = Question {
            operation: R::OPERATION,
            region: request.region(),
            digest: digest_of(&request),
            // What the SDK does inside is large: on the heap it does not weigh on every look that waits for it.
            send: &|| {
                Box::pin(async {
                    let Accepted { reply, request_id, aws_time } = request.send(&self.clients).await?;
                    Ok(Accepted { reply: Arc::new(reply) as Reply, request_id, aws_time })
                })
            },
        };
        let reply = self.answer_since(since, &question).await?;
        reply.downcast_ref::<R::Reply>().cloned().ok_or_else(|| {
            Fault::nonsense(R::OPERATION, "two requests with one digest have replies of different types")
        })
    }

    async fn answer_since(&self, since: Instant, question: &Question<'_>) -> Result<Reply, Fault> {
        loop {
            let awaited = Arc::clone(self.answers().by_request.entry(question.digest).or_default());
            let answer = match awaited.get_or_try_init(|| self.send_read(&awaited, question)).await {
                Ok(answer) => answer.clone(),
                Err(fault) => {
                    self.answers().forget(question.digest, &awaited);
                    return Err(fault);
                }
            };
            if answer.left < since && !self.remembering {
                self.answers().forget(question.digest, &awaited);
                continue;
            }
            return Ok(answer.reply);
        }
    }

    async fn send_read(&self, awaited: &Awaited, question: &Question<'_>) -> Result<Answer, Fault> {
        let mut attempt = 1;
        loop {
            self.pace.turn(question.operation, question.region).await;
            self.reads.fetch_add(1, Ordering::Relaxed);
            let left = Instant::now();
            match (question.send)().await {
                Ok(accepted) => {
                    self.hear(&accepted);
                    if !self.remembering {
                        let mut answers = self.answers();
                        answers.forget_old(left);
                        answers.by_age.push_back((left, question.digest, Arc::clone(awaited)));
                    }
                    return Ok(Answer { left, reply: accepted.reply });
                }
                Err(fault) => match self.retry.after(question.operation, &fault, attempt) {
                    Attempt::Again(pause) => self.clock.sleep(pause).await,
                    Attempt::GiveUp | Attempt::InDoubt => return Err(fault),
                },
            }
            attempt += 1;
        }
    }

    fn answers(&self) -> MutexGuard<'_, Answers> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads all pages of an answer. An answer that never ends is a fault, not a short answer.
    pub async fn ask_all<R: Paged>(&self, first: R) -> Result<Vec<R::Item>, Fault> {
        self.ask_all_since(Instant::now(), first).await
    }

    /// Reads all pages of an answer, for a look that began at `since`. Where the list has changed between two pages so that AWS does
    /// not know the place any more at which it said that the next one begins, it is read again from its first page: what was read of it
    /// is of another list.
    pub async fn ask_all_since<R: Paged>(&self, since: Instant, first: R) -> Result<Vec<R::Item>, Fault> {
        let mut since = since;
        let mut begun = 1;
        loop {
            let mut read = Vec::new();
            let fault = match self.ask_pages(since, first.clone(), &mut read).await {
                Ok(items) => return Ok(items),
                Err(fault) => fault,
            };
            let page = read.len() + 1;
            match fault {
                fault if read.is_empty() || fault.code == ENDLESS => return Err(fault),
                fault if !fault.refuses_the_place() => return Err(broken_off(page, fault)),
                fault if begun == MOST_BEGINNINGS => return Err(never_whole(page, fault)),
                _ => {}
            }
            self.forget(&read);
            self.clock.sleep(self.retry.pause(begun)).await;
            since = Instant::now();
            begun += 1;
        }
    }

    /// Reads the pages of an answer, from its first one. `read` comes to hold the requests that were answered.
    async fn ask_pages<R: Paged>(
        &self,
        since: Instant,
        first: R,
        read: &mut Vec<Digest>,
    ) -> Result<Vec<R::Item>, Fault> {
        let mut items = Vec::new();
        let mut request = first;
        let mut seen = std::collections::HashSet::new();
        while read.len() < MOST_PAGES {
            let page = self.ask_since(since, request.clone()).await?;
            read.push(digest_of(&request));
            items.extend(page.items);
            match page.next {
                None => return Ok(items),
                Some(next) if !seen.insert(next.clone()) => {
                    let why = "AWS sent the same page token twice".to_owned();
                    return Err(Fault::of(R::OPERATION, FaultKind::Other, ENDLESS, why));
                }
                Some(next) => request = request.after(next),
            }
        }
        let why = format!("more than {MOST_PAGES} pages");
        Err(Fault::of(R::OPERATION, FaultKind::Other, ENDLESS, why))
    }

    /// Lets go of answers, whoever asked for them.
    fn forget(&self, requests: &[Digest]) {
        let mut answers = self.answers();
        for request in requests {
            answers.by_request.remove(request);
        }
    }

    /// Sends a call, once, when its turn has come.
    pub async fn send(&self, call: &Call) -> Result<Accepted<Made>, Fault> {
        self.pace.turn(call.operation(), call.region()).await;
        let accepted = call.send(&self.clients).await?;
        self.hear(&accepted);
        Ok(accepted)
    }

    /// What to do after a fault of a call.
    pub fn after(&self, call: &Call, fault: &Fault, attempt: u32) -> Attempt {
        self.retry.after(call.operation(), fault, attempt)
    }

    fn hear<R>(&self, accepted: &Accepted<R>) {
        if let Some(time) = accepted.aws_time {
            *self.aws_clock.lock().unwrap_or_else(PoisonError::into_inner) = Some((time, self.clock.now()));
        }
    }
}

/// What a request is remembered by.
fn digest_of<R: Ask>(request: &R) -> Digest {
    Digest::of(&(R::OPERATION.to_string(), request))
}

/// A list that is shorter each time than it was a page before, or of which AWS never knows what it said itself.
fn never_whole(page: usize, fault: Fault) -> Fault {
    let message = format!(
        "the list was begun {MOST_BEGINNINGS} times, and did not stay as it was until it was read: AWS did not know any more where page \
         {page} begins: {}: {}",
        fault.code, fault.message
    );
    Fault { code: BROKEN_OFF.to_owned(), message, ..fault }
}

/// An answer of which the first pages were read is no whole answer, and no refusal to be asked either. Whether the caller or
/// the thing is still there is said as it is.
fn broken_off(page: usize, fault: Fault) -> Fault {
    if matches!(fault.kind, FaultKind::Expired | FaultKind::NotFound) {
        return fault;
    }
    let message = format!("page {page} could not be read: {}: {}", fault.code, fault.message);
    Fault { code: BROKEN_OFF.to_owned(), message, ..fault }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use aws_credential_types::Credentials;
    use aws_smithy_runtime_api::client::http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
    };
    use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
    use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
    use aws_smithy_types::body::SdkBody;

    use super::super::{Connection, ListAgents};
    use super::*;

    /// How long an answer takes.
    const TAKES: Duration = Duration::from_millis(60);

    /// The agents of a Region as its replies tell them, which are counted: status and body, by the place at which the page begins and
    /// the number of the request.
    #[derive(Debug, Clone)]
    struct Agents {
        asked: Arc<AtomicUsize>,
        reply: fn(Option<&str>, usize) -> (u16, &'static str),
    }

    impl Agents {
        fn replying(reply: fn(Option<&str>, usize) -> (u16, &'static str)) -> Self {
            Self { asked: Arc::default(), reply }
        }

        fn asked(&self) -> usize {
            self.asked.load(Ordering::Relaxed)
        }
    }

    impl Default for Agents {
        fn default() -> Self {
            Self::replying(|_, _| (200, LAST))
        }
    }

    impl HttpClient for Agents {
        fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
            SharedHttpConnector::new(self.clone())
        }
    }

    impl HttpConnector for Agents {
        fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
            let nth = self.asked.fetch_add(1, Ordering::Relaxed) + 1;
            let asked: serde_json::Value =
                serde_json::from_slice(request.body().bytes().expect("a body")).expect("JSON");
            let (status, body) = (self.reply)(asked["nextToken"].as_str(), nth);
            HttpConnectorFuture::new(async move {
                tokio::time::sleep(TAKES).await;
                Ok(HttpResponse::new(status.try_into().expect("a status"), SdkBody::from(body)))
            })
        }
    }

    /// A page after which there is none.
    const LAST: &str = r#"{"agentSummaries":[]}"#;
    /// What AWS says of a place that it does not know.
    const NO_SUCH_PLACE: &str = r#"{"__type":"ValidationException","message":"the token is invalid"}"#;

    fn reader(agents: &Agents) -> Reader {
        let keys = Credentials::new("AKIAIOSFODNN7EXAMPLE", "secret", None, None, "test");
        let clock = Clock::starting_at("2026-11-22T03:00:00Z".parse().expect("a time"));
        let connection = Connection::in_process(&clock, SharedHttpClient::new(agents.clone()), keys);
        Reader::new(Clients::acting(&connection), clock, 1)
    }

    fn agents() -> ListAgents {
        ListAgents { region: "us-east-1".parse().expect("a region"), next: None }
    }

    #[tokio::test(flavor = "current_thread", start_paused = true)]
    async fn an_answer_serves_the_looks_that_began_before_it_was_asked_for() {
        let empty = Agents::default();
        let reader = reader(&empty);
        let asked = || empty.asked();
        let began = Instant::now();
        tokio::time::sleep(Duration::from_secs(1)).await;
        reader.ask_since(began, agents()).await.expect("an answer");
        tokio::time::sleep(Duration::from_secs(1)).await;
        reader.ask_since(began, agents()).await.expect("an answer");
        assert_eq!(asked(), 1, "the second look had begun before the first one asked");
        reader.ask(agents()).await.expect("an answer");
        assert_eq!(asked(), 2, "a look that begins now is told nothing older");
        tokio::time::sleep(KEPT * 2).await;
        reader.ask(ListAgents { region: "eu-west-1".parse().expect("a region"), next: None }).await.expect("an answer");
        assert_eq!(reader.answers().by_request.len(), 1, "what nobody can ask for any more is let go of");
    }

    #[tokio::test(flavor = "current_thread", start_paused = true)]
    async fn a_request_on_its_way_serves_nobody_who_began_after_it_left() {
        let empty = Agents::default();
        let reader = reader(&empty);
        let later = async {
            tokio::time::sleep(TAKES / 2).await;
            reader.ask(agents()).await
        };
        let (first, second) = tokio::join!(reader.ask(agents()), later);
        assert!(first.is_ok() && second.is_ok());
        assert_eq!(empty.asked(), 2, "it may have been answered before the second one asked");
    }

    #[tokio::test(flavor = "current_thread", start_paused = true)]
    async fn a_list_that_became_shorter_is_read_again_from_its_first_page() {
        // The second page is gone when it is asked for, and with it the place at which it began.
        let shrinking = Agents::replying(|place, nth| match (place, nth) {
            (None, 1) => (200, r#"{"agentSummaries":[],"nextToken":"two"}"#),
            (Some(_), _) => (400, NO_SUCH_PLACE),
            _ => (200, LAST),
        });
        for remembers in [false, true] {
            let agents_of_region = Agents { asked: Arc::default(), ..shrinking.clone() };
            let reader = reader(&agents_of_region);
            let reader = if remembers { reader.remembering() } else { reader };
            let began = Instant::now();
            assert_eq!(reader.ask_all_since(began, agents()).await.map(|all| all.len()), Ok(0), "{remembers}");
            assert_eq!(agents_of_region.asked(), 3, "{remembers}: the first page anew, though one of it is remembered");
            reader.ask_all_since(began, agents()).await.expect("an answer");
            assert_eq!(agents_of_region.asked(), 3, "{remembers}: and that one is kept");
        }
    }

    #[tokio::test(flavor = "current_thread", start_paused = true)]
    async fn a_list_that_never_stays_as_it_is_ends_and_says_so() {
        let restless = Agents::replying(|place, _| match place {
            None => (200, r#"{"agentSummaries":[],"nextToken":"two"}"#),
            Some(_) => (400, NO_SUCH_PLACE),
        });
        let fault = reader(&restless).ask_all(agents()).await.expect_err("it never comes to an end");
        assert_eq!(restless.asked(), 2 * MOST_BEGINNINGS as usize);
        assert!(fault.cuts_an_answer_short() && fault.message.contains("begun 4 times"), "{fault}");
    }

    #[tokio::test(flavor = "current_thread", start_paused = true)]
    async fn only_a_place_that_is_gone_begins_a_list_again() {
        let other = Agents::replying(|place, _| match place {
            None => (200, r#"{"agentSummaries":[],"nextToken":"two"}"#),
            Some(_) => (400, r#"{"__type":"ValidationException","message":"maxResults is too large"}"#),
        });
        let fault = reader(&other).ask_all(agents()).await.expect_err("a mistake");
        assert_eq!((other.asked(), fault.code.as_str()), (2, BROKEN_OFF));
        // Nor does one that was given by nobody: the first page begins at no place.
        let never = Agents::replying(|_, _| (400, NO_SUCH_PLACE));
        let fault = reader(&never).ask_all(agents()).await.expect_err("a refusal");
        assert_eq!((never.asked(), fault.code.as_str()), (1, "ValidationException"));
        let circle = Agents::replying(|_, _| (200, r#"{"agentSummaries":[],"nextToken":"two"}"#));
        let fault = reader(&circle).ask_all(agents()).await.expect_err("it does not end");
        assert_eq!((circle.asked(), fault.code.as_str()), (2, ENDLESS));
    }
}
