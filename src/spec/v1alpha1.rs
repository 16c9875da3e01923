//! v1alpha1.
