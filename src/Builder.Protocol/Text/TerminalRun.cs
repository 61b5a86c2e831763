namespace Builder.Protocol.Text;

/// <summary>Neighbouring characters of a console line that look the same.</summary>
public readonly record struct TerminalRun(string Text, TerminalStyle Style);
