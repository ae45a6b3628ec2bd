"""From a document's text to attributed claims, and from claims to questions and verdicts."""
