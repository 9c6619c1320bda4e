//! headend-tests
