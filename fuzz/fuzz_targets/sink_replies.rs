//! `cargo xtask campaign fuzz --target sink_replies`: the sinks' own readers of what receivers say,
//! compiled here without the server around them; see `crates/server/src/sinks/fuzzed.rs`.
#![no_main]
#![expect(dead_code, reason = "what asks for the answers stays in the server")]

extern crate strongroom_audit as audit;

/// The readers, each under the name that it has in the server.
#[path = "."]
mod sinks {
    #[path = "../../crates/server/src/sinks/amqp/frames.rs"]
    mod amqp_frames;
    #[path = "../../crates/server/src/sinks/fuzzed.rs"]
    pub(super) mod fuzzed;
    #[path = "../../crates/server/src/sinks/heard.rs"]
    mod heard;
    #[path = "../../crates/server/src/sinks/kafka/reply.rs"]
    mod kafka_reply;
    #[path = "../../crates/server/src/sinks/kafka/scram.rs"]
    mod kafka_scram;
    #[path = "../../crates/server/src/sinks/message.rs"]
    mod message;
    #[path = "../../crates/server/src/sinks/mqtt/packet.rs"]
    mod mqtt_packet;
    #[path = "../../crates/server/src/sinks/nats/operation.rs"]
    mod nats_operation;
    #[path = "../../crates/server/src/sinks/otlp.rs"]
    mod otlp;
    #[path = "../../crates/server/src/sinks/redis/reply.rs"]
    mod redis_reply;

    mod amqp {
        pub(super) use super::amqp_frames as frames;
    }

    mod kafka {
        pub(super) use super::{kafka_reply as reply, kafka_scram as scram};
    }

    mod mqtt {
        pub(super) use super::mqtt_packet as packet;
    }

    mod nats {
        pub(super) use super::nats_operation as operation;
    }

    mod redis {
        pub(super) use super::redis_reply as reply;
    }
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sinks::fuzzed::replies(bytes));
