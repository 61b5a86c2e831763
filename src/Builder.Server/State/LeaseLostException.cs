namespace Builder.Server.State;

/// <summary>Another server serves, or may do so: this one writes and answers nothing any more.</summary>
internal sealed class LeaseLostException(string reason) : Exception(reason);
