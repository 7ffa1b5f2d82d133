namespace SoftSwitch.Model;

/// <summary>Whether somebody wants a port to take part.</summary>
public enum AdminState
{
    Up,

    /// <summary>It stays open, and nothing goes in or out.</summary>
    Down,
}
