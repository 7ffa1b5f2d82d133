namespace SoftSwitch.Logging;

/// <summary>How a line of the log looks: by what was asked for, and where it goes.</summary>
internal enum LogStyle
{
    /// <summary>A terminal without colours: the level's word where it matters, no time.</summary>
    Plain,

    /// <summary>A terminal: the same in colours.</summary>
    Colored,

    /// <summary>A file or pipe: time, level, message.</summary>
    Stamped,

    /// <summary>The journal, which has a time of its own: &lt;6&gt; and the message (sd-daemon(3)).</summary>
    Journal,

    /// <summary>An object a line.</summary>
    Json,
}
