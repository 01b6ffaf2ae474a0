//! Assembly: configuration, listeners, telemetry, shutdown.
