namespace SoftSwitch.Config.Yaml;

/// <summary>The slips that were found: not too many of a file, nor of one line, and none behind what makes the rest unreliable.</summary>
internal sealed class SlipReport(MistakeList mistakes)
{
    private const int Most = 20;
    private const int MostOnLine = 2;
    private int _line;
    private int _onLine;

    public int Count { get; private set; }

    /// <summary>No more is looked for.</summary>
    public bool Ended { get; private set; }

    /// <summary>Tells what concerns one line alone.</summary>
    public void Slip(Position at, string message)
    {
        _onLine = at.Line == _line ? _onLine + 1 : 1;
        _line = at.Line;
        if (_onLine > MostOnLine)
            return;
        mistakes.Add(at, $"not YAML: {message}");
        Ended |= ++Count >= Most;
    }

    /// <summary>Tells what makes all that follows unreliable.</summary>
    public void End(Position at, string message)
    {
        Count++;
        Ended = true;
        mistakes.Add(at, message.StartsWith("not YAML", StringComparison.Ordinal) ? message : $"not YAML: {message}");
    }
}
