//! headend-aws-media
