"""What people look at: curves, report.html, explained detections, failure cases."""
