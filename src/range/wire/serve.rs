//! The range on loopback, for every client that is not in this process.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::{Endpoint, MAX_BODY};

/// Why the range cannot listen.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// The range knows no signatures, so it answers this machine only.
    #[error("`{0}` is not a loopback address: the range checks no signatures and answers this machine only")]
    NotLoopback(SocketAddr),
    /// The address cannot be had.
    #[error("failed to listen on `{address}`")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// The reason.
        #[source]
        source: io::Error,
    },
}

/// A bound address that nobody is served on yet.
#[derive(Debug)]
#[must_use = "nothing is answered before `serve`"]
pub struct Listening {
    listener: TcpListener,
    address: SocketAddr,
}

/// Binds a loopback address; port 0 takes a free one.
pub async fn listen(address: SocketAddr) -> Result<Listening, ListenError> {
    if !address.ip().is_loopback() {
        return Err(ListenError::NotLoopback(address));
    }
    let bind = |source| ListenError::Bind { address, source };
    let listener = TcpListener::bind(address).await.map_err(bind)?;
    let address = listener.local_addr().map_err(bind)?;
    Ok(Listening { listener, address })
}

impl Listening {
    /// The address, with the port that was taken.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until `stop` is ready; then takes no new connections, and returns when the requests under way have their
    /// replies.
    pub async fn serve(self, endpoint: Arc<Endpoint>, stop: impl Future<Output = ()>) {
        let (stopping, stopped) = watch::channel(false);
        let mut connections = JoinSet::new();
        let mut stop = pin!(stop);
        loop {
            tokio::select! {
                () = &mut stop => break,
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, peer)) => {
                        connections.spawn(connection(stream, peer, Arc::clone(&endpoint), stopped.clone()));
                    }
                    // Where file descriptors have run out, those that hold them must get their turn.
                    Err(_) => tokio::task::yield_now().await,
                },
                Some(_) = connections.join_next() => {}
            }
        }
        drop(self.listener);
        // The receivers are gone only when no connection is left, and then nobody needs to be told.
        let _ = stopping.send(true);
        while connections.join_next().await.is_some() {}
    }
}

async fn connection(stream: TcpStream, peer: SocketAddr, endpoint: Arc<Endpoint>, mut stopped: watch::Receiver<bool>) {
    // Without it, the last part of a reply waits 40 ms for the client's acknowledgement.
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let source_ip = peer.ip().to_string();
    let service = service_fn(|request| answer(&endpoint, request, &source_ip));
    // Head and body are copied together, so that a reply is one write.
    let serving = http1::Builder::new().writev(false).serve_connection(TokioIo::new(stream), service);
    let mut serving = pin!(serving);
    tokio::select! {
        // Whether a client leaves properly or not is its own affair.
        _ = serving.as_mut() => {}
        () = async { drop(stopped.wait_for(|stopped| *stopped).await) } => {
            serving.as_mut().graceful_shutdown();
            let _ = serving.await;
        }
    }
}

/// The world lets the connection die.
#[derive(Debug, thiserror::Error)]
#[error("no reply")]
struct NoReply;

async fn answer(
    endpoint: &Endpoint,
    request: Request<Incoming>,
    source_ip: &str,
) -> Result<Response<Full<Bytes>>, NoReply> {
    let (head, body) = request.into_parts();
    // A body that says it is too long is refused before the client has sent it.
    if body.size_hint().lower() > MAX_BODY as u64 {
        return Ok(endpoint.refuse_body(&head.headers).map(Full::new));
    }
    let body = match Limited::new(body, MAX_BODY).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => return Ok(endpoint.refuse_body(&head.headers).map(Full::new)),
        Err(_) => return Err(NoReply),
    };
    let response = endpoint.answer(Request::from_parts(head, body), source_ip).await.ok_or(NoReply)?;
    Ok(response.map(Full::new))
}
