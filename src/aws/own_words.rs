//! Requests that repeat a document of AWS's own, word for word.
//!
//! A request that replaces everything has to repeat what it does not mean to change, also members that the SDK does not know
//! yet. The SDK's types would drop those, so the document goes out as AWS wrote it.

/// Sends one SDK request with an ear on it and this JSON as its body; the builder holds only what stands in the path.
macro_rules! hear_saying {
    ($operation:expr, $builder:expr, $body:expr, $reply:expr) => {{
        let body: String = $body.to_string();
        let ear = $crate::aws::ear::Ear::default();
        let said = $builder.customize().mutate_request(move |request| {
            request.headers_mut().insert("content-length", body.len().to_string());
            request.headers_mut().insert("content-type", "application/json");
            *request.body_mut() = body.clone().into();
        });
        let result = said.interceptor(ear.clone()).send().await;
        $crate::aws::ear::conclude($operation, &ear, result, $reply)
    }};
}
pub(super) use hear_saying;

/// The members of a document that a request takes, in a document of their own.
pub(super) fn members_of(document: &serde_json::Value, names: &[&str]) -> serde_json::Value {
    names.iter().filter_map(|name| Some(((*name).to_owned(), document.get(*name)?.clone()))).collect()
}
