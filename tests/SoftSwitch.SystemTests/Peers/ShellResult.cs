namespace SoftSwitch.SystemTests.Peers;

/// <summary>How a program ended. <see cref="ExitStatus"/> is 128 + signal when it was killed.</summary>
public sealed record ShellResult(string Command, int ExitStatus, string Output, string Error)
{
    /// <summary>Fails the test, with everything the program said, unless it exited with 0.</summary>
    public ShellResult Succeeded()
    {
        if (ExitStatus != 0) Assert.Fail(ToString());
        return this;
    }

    /// <inheritdoc/>
    public override string ToString() => $"'{Command}' ended with {ExitStatus}\n{Output}{Error}";
}
