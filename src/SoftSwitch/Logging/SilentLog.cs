namespace SoftSwitch.Logging;

/// <summary>Tells nobody: for what is only asked.</summary>
internal sealed class SilentLog : ISwitchLog
{
    private SilentLog()
    {
    }

    public static SilentLog Instance { get; } = new();

    public void Write(LogLevel level, string message)
    {
    }

    public void News(LogSubject subject, LogLevel level, string message)
    {
    }
}
