namespace SoftSwitch.Logging;

/// <summary>How much a line of the log matters. The number is that of syslog(3), which the journal understands.</summary>
internal enum LogLevel
{
    /// <summary>Something doesn't work and somebody should look.</summary>
    Error = 3,

    /// <summary>Something may be missed.</summary>
    Warning = 4,

    /// <summary>The course of things.</summary>
    Info = 6,
}
