using System.Diagnostics;
using SoftSwitch.Linux;

namespace SoftSwitch.Tests.Linux;

public sealed class OpenFilesTests
{
    [Fact]
    public void A_program_gets_the_limit_that_the_first_of_two_executions_was_started_with()
    {
        var own = OpenFiles.Before;
        OpenFiles.Adopt(64);
        try
        {
            using var program = Process.Start("sleep", "30");
            OpenFiles.RestoreLimit(program.Id);
            var limits = File.ReadAllLines($"/proc/{program.Id}/limits")
                .Single(line => line.StartsWith("Max open files ", StringComparison.Ordinal));
            program.Kill();
            Assert.Equal("64", limits.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3]);
            Assert.Equal(64ul, OpenFiles.Before);
        }
        finally
        {
            OpenFiles.Adopt(own);
        }
    }
}
