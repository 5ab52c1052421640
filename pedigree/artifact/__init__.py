"""The model artifact: its golden images, and its checks before a deployment."""
