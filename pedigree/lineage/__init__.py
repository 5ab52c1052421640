"""Where what is live came from: traced from AWS, drawn, and shown as a page."""
