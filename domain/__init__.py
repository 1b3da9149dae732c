"""What the business means: resources, their rules and the reasons it says no."""
