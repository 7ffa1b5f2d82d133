namespace SoftSwitch.Forwarding.Budgets;

/// <summary>Who gives way where there is no more. It is never somebody who has less.</summary>
public enum AtLimit
{
    /// <summary>What comes is refused.</summary>
    IsRefused,

    /// <summary>What comes waits until there is.</summary>
    Waits,
}
