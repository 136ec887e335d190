//! What judges a picture: the providers.
