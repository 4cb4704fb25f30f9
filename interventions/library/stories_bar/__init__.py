"""Take the bar of stories off the top of a feed."""
