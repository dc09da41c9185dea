"""The widgets of the lessons: numbers of numpyssd, with a few lines of JavaScript to play with them."""
