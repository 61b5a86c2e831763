using Builder.Cli.Errors;
using Builder.Storage.Accounts;

namespace Builder.Cli.Db;

/// <summary>Turns what administration refuses into what the operator reads.</summary>
internal static class UserErrors
{
    public static async Task RunAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (UserNotFoundException exception)
        {
            throw new CommandException(exception.Message);
        }
    }

    public static async Task<T> RunAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (UserNotFoundException exception)
        {
            throw new CommandException(exception.Message);
        }
    }
}
