//! What targets were before they were changed, content-addressed.
