//! headend-aws-store
