//! label_selector.
