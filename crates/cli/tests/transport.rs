#![cfg(test)]
//! The real server on real sockets: HTTP/2, certificates that change, proxies, and the stop. What
//! needs a clock that stands still is tested inside the server's own room.

#[path = "transport/caller.rs"]
mod caller;
#[path = "transport/certificates.rs"]
mod certificates;
#[path = "transport/conditions.rs"]
mod conditions;
#[path = "transport/http2.rs"]
mod http2;
#[path = "transport/links.rs"]
mod links;
#[path = "transport/refused.rs"]
mod refused;
#[path = "transport/server.rs"]
mod server;
#[path = "transport/stop.rs"]
mod stop;
