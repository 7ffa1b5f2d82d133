using SoftSwitch.Linux;

namespace SoftSwitch.Logging;

/// <summary>Words for what one party of many has run into while the others go on: an obstacle of the machine, or what never should have
/// happened.</summary>
internal static class Mistake
{
    /// <summary>For people: a sentence where the machine is in the way, else what whoever mends it needs.</summary>
    public static string Text(Exception e) => e switch
    {
        SystemCallException => e.Message,
        OutOfMemoryException => MemoryLimit.Describe(),
        _ => $"internal error, please report it: {e}",
    };

    /// <summary>One line about it.</summary>
    public static void Failed(this ISwitchLog log, LogSubject subject, Exception e) => log.News(subject, LogLevel.Error, Text(e));
}
