"""The one place that knows adapters: builds everything that the settings name."""
