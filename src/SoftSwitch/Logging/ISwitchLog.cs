namespace SoftSwitch.Logging;

/// <summary>Where a switch tells what happens. Neither call throws, waits, or is slow; both may come from any thread.</summary>
internal interface ISwitchLog
{
    /// <summary>A line of the switch's own doing, which nobody else can bring about again and again.</summary>
    void Write(LogLevel level, string message);

    /// <summary>
    /// News that a guest, the wire or the machine can bring about: limited, each subject by itself. The last is always told.
    /// </summary>
    void News(LogSubject subject, LogLevel level, string message);
}
