"""Hide how many likes, followers, shares, views and comments there are; keep the rest of the screen."""
