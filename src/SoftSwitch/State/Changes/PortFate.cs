namespace SoftSwitch.State.Changes;

/// <summary>What becomes of a port that a new model says otherwise, the gentlest that does it.</summary>
internal enum PortFate
{
    /// <summary>What it has said and heard goes on: what is another goes into the open port.</summary>
    Adapts,

    /// <summary>It stays open, and nobody at its other end notices; in its network it is a new one.</summary>
    Moves,

    /// <summary>It is closed, and another is opened.</summary>
    IsReplaced,
}
