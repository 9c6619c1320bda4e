//! Tests of the cutters and manifests.
