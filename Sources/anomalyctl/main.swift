print("anomalyctl")
