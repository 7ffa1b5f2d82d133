namespace SoftSwitch.Forwarding.Budgets;

/// <summary>Whom a limit counts for.</summary>
public enum Holder
{
    /// <summary>The port that a frame came in by, whatever addresses its sender wrote.</summary>
    Port,

    /// <summary>Something that the log has news about: a port, a network.</summary>
    Subject,
}
