print("anomalyd")
