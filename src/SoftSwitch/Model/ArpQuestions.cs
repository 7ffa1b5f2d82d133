namespace SoftSwitch.Model;

/// <summary>Whom questions in ARP go to.</summary>
public enum ArpQuestions
{
    /// <summary>One whose answer is known to be behind a port goes there alone.</summary>
    Quiet,

    /// <summary>All go to everybody.</summary>
    Flood,
}
