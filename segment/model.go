package segment

// Model is a fitted segmentation.
type Model struct{}
