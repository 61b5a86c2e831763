namespace Builder.Storage.Tests;

internal sealed class SimulatedCrashException(string step) : Exception($"simulated crash before: {step}");
