namespace SoftSwitch.Logging;

/// <summary>What `run --log-format` takes.</summary>
internal enum LogFormat
{
    /// <summary>Lines for people, as suits the place where they go.</summary>
    Text,

    /// <summary>An object a line, for programs.</summary>
    Json,
}
