/* A PAM module that lets a program judge the password.
 *
 *   auth required /path/pam_token_exec.so /path/program [argument ...]
 *
 * The program gets the password on its standard input and the user's name in PAM_USER; exit code 0
 * lets the user in. pam_exec does the same, but cuts a password after 511 bytes, and an RDS token
 * with a session token in it is longer. For tests only: it says nothing about why.
 */
#include <errno.h>
#include <security/pam_ext.h>
#include <security/pam_modules.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void become(const char** argv, const char* user, int input) {
  if (dup2(input, STDIN_FILENO) < 0 || setenv("PAM_USER", user, 1) != 0) _exit(127);
  execv(argv[0], (char* const*)argv);
  _exit(127);
}

static void write_all(int fd, const char* text) {
  size_t rest = strlen(text);
  while (rest > 0) {
    const ssize_t count = write(fd, text, rest);
    if (count <= 0) return;
    text += count;
    rest -= (size_t)count;
  }
}

/* Runs the program with `token` as its input and returns its wait status, -1 where it did not run.
 */
static int judge(const char** argv, const char* user, const char* token) {
  int fds[2];
  int status = -1;
  if (pipe(fds) != 0) return -1;
  const pid_t child = fork();
  if (child == 0) {
    close(fds[1]);
    become(argv, user, fds[0]);
  }
  close(fds[0]);
  if (child > 0) write_all(fds[1], token);
  close(fds[1]);
  if (child < 0) return -1;
  while (waitpid(child, &status, 0) != child) {
    if (errno != EINTR) return -1;
  }
  return status;
}

int pam_sm_authenticate(pam_handle_t* handle, int flags, int argc, const char** argv) {
  (void)flags;
  const char* user = NULL;
  const char* token = NULL;
  if (argc < 1 || pam_get_user(handle, &user, NULL) != PAM_SUCCESS ||
      pam_get_authtok(handle, PAM_AUTHTOK, &token, NULL) != PAM_SUCCESS || token == NULL) {
    return PAM_AUTH_ERR;
  }
  /* A server that ignores SIGCHLD would leave us nothing to wait for. */
  struct sigaction previous, plain;
  memset(&plain, 0, sizeof plain);
  plain.sa_handler = SIG_DFL;
  sigaction(SIGCHLD, &plain, &previous);
  const int status = judge(argv, user, token);
  sigaction(SIGCHLD, &previous, NULL);
  return status == 0 ? PAM_SUCCESS : PAM_AUTH_ERR;
}

int pam_sm_setcred(pam_handle_t* handle, int flags, int argc, const char** argv) {
  (void)handle, (void)flags, (void)argc, (void)argv;
  return PAM_SUCCESS;
}
