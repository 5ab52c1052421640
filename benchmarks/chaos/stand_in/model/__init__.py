"""In place of the package `model`: jobs that end at once, and models that are wrong about a few images, the fewer the later their seed."""
