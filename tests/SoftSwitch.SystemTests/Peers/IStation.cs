namespace SoftSwitch.SystemTests.Peers;

/// <summary>Somebody on the network who can be told to run a command: a namespace or a virtual machine.</summary>
public interface IStation
{
    /// <summary>Runs words separated by blanks to their end. A failure is in the result, not thrown.</summary>
    ShellResult Run(string words, TimeSpan? limit = null);
}
