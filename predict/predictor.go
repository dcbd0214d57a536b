package predict

// Predictor is a fitted model.
type Predictor struct{}
