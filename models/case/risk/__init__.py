"""Risk: tools by question, grading, review, recommendations (docs/domain.md 2.5, 5)."""
